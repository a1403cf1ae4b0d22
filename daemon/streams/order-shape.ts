import { orderStatuses } from '../../shared/order-statuses.ts';
import { shapesKnown } from './shape.ts';

/** TikTok: fields of an order and of the objects in it, as documented and as seen. Most are left out where they say nothing. */
const fields = `
  buyer_email buyer_message cancel_order_sla_time cancel_reason cancel_time cancellation_initiator
  collection_due_time collection_time commerce_platform create_time delivery_due_time delivery_option_id
  delivery_option_name delivery_option_required_delivery_time delivery_sla_time delivery_time delivery_type
  fast_delivery_program fulfillment_type has_updated_recipient_address id is_cod is_exchange_order
  is_on_hold_order is_replacement_order is_sample_order line_items order_type packages paid_time payment
  payment_method_name recipient_address rts_sla_time rts_time shipping_due_time shipping_provider
  shipping_provider_id shipping_type status tracking_number tts_sla_time update_time user_id warehouse_id
  payment.currency payment.item_insurance_fee payment.item_insurance_tax payment.original_shipping_fee
  payment.original_total_product_price payment.platform_discount payment.product_tax payment.retail_delivery_fee
  payment.seller_discount payment.shipping_fee payment.shipping_fee_cofunded_discount
  payment.shipping_fee_platform_discount payment.shipping_fee_seller_discount payment.shipping_fee_tax
  payment.sub_total payment.tax payment.total_amount recipient_address.address_detail
  recipient_address.address_line1 recipient_address.address_line2 recipient_address.address_line3
  recipient_address.address_line4 recipient_address.delivery_preferences recipient_address.district_info
  recipient_address.first_name recipient_address.first_name_local_script recipient_address.full_address
  recipient_address.last_name recipient_address.last_name_local_script recipient_address.name
  recipient_address.phone_number recipient_address.post_town recipient_address.postal_code
  recipient_address.region_code
`;

/** What is no news in an order. */
export const documentedShape: ReadonlySet<string> = shapesKnown(orderStatuses, fields);
